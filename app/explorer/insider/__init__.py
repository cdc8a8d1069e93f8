"""What the discipline liaison works with: leads and cases of insiders, the control sheet."""
