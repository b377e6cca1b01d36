using System.CommandLine;
using Factory.Core.CommandLine;
using Factory.Evals.Commands;

var root = new RootCommand("Scores models on language-understanding tasks, as EleutherAI's lm-evaluation-harness does.")
{
    TasksCommand.Create(),
    RequestsCommand.Create(),
};
return await Shell.RunAsync(root, args);
