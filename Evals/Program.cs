using System.CommandLine;
using Factory.CommandLine;
using Factory.Evals.Commands;
using Factory.Evals.Commands.Analysis;

var root = new RootCommand("Scores models on language-understanding tasks, as EleutherAI's lm-evaluation-harness does.")
{
    RunCommand.Create(),
    MergeCommand.Create(),
    ReportCommand.Create(),
    CompareCommand.Create(),
    GateCommand.Create(),
    AnalyzeCommand.Create(),
    DataCommand.Create(),
    TasksCommand.Create(),
    RequestsCommand.Create(),
    LogitsCommand.Create(),
    RenderChatCommand.Create(),
    ScoreCommand.Create(),
};
return await Shell.RunAsync(root, args);
