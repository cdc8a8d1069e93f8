"""The cases page: leads and cases with what may be done next, people of a case, figures."""
