"""Papers that people sign: built once as a model, written as PDF or DOCX, in Chinese or English."""
