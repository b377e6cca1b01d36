using System.CommandLine;
using Factory.Core.CommandLine;
using Factory.InferenceApi.Commands;

// The root command itself serves; what the server answers is listed in InferenceServer.
RootCommand root = ServeCommand.CreateRoot();
return await Shell.RunAsync(root, args);
