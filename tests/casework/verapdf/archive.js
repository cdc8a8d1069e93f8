// Writes a line for each rule of PDF/A that a file of a folder breaks: file, clause and what it says.
importPackage(org.verapdf.pdfa);
Packages.org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider.initialise();
var flavour = Packages.org.verapdf.pdfa.flavours.PDFAFlavour.fromString(arguments[0]);
var foundry = Packages.org.verapdf.pdfa.Foundries.defaultInstance();
var files = new java.io.File(arguments[1]).listFiles();
for (var each = 0; each < files.length; each++) {
  var parser = foundry.createParser(files[each], flavour);
  var result = foundry.createValidator(flavour, false).validate(parser);
  var faults = new java.util.TreeMap();
  for (var held = result.getTestAssertions().iterator(); held.hasNext(); ) {
    var assertion = held.next();
    var rule = assertion.getRuleId();
    var told = rule.getClause() + "-" + rule.getTestNumber() + "\t" + assertion.getMessage();
    if (String(assertion.getStatus()) === "failed") faults.put(told, true);
  }
  if (!result.isCompliant() && faults.isEmpty()) faults.put("?\tnot compliant", true);
  print(files[each].getName() + "\tchecked\t" + result.getTotalAssertions());
  for (var fault = faults.keySet().iterator(); fault.hasNext(); ) {
    print(files[each].getName() + "\t" + fault.next());
  }
  parser.close();
}
