using System.CommandLine;
using Factory.CommandLine;
using Factory.Exporter.Commands;

RootCommand root = ExportCommand.Create();
root.Add(VerifyCommand.Create());
root.Add(InspectCommand.Create());
return await Shell.RunAsync(root, args);
