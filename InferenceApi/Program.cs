using System.CommandLine;
using Factory.CommandLine;
using Factory.InferenceApi.Commands;

// The root command itself serves; what the server answers is listed in InferenceServer.
RootCommand root = ServeCommand.CreateRoot();
root.Add(DoctorCommand.Create());
root.Add(KeysCommand.Create(TimeProvider.System));
return await Shell.RunAsync(root, args);
