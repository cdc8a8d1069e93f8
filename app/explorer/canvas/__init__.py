"""The network explorer behind its canvas: state, questions to the graph, layout, what is drawn."""
