using System.CommandLine;
using Factory.CommandLine;
using Factory.Trainer.Commands;

var root = new RootCommand("Factory Trainer: turns text into tokens and tokens into trained checkpoints.")
{
    DataCommand.Create(),
    TokenizeCommand.Create(),
    PretrainCommand.Create(),
    FinetuneCommand.Create(),
    CompareCommand.Create(),
    PlotCommand.Create(),
    EncodeCommand.Create(),
    DecodeCommand.Create(),
    ImportCommand.Create(),
    MethodsCommand.Create(),
    VerifyCommand.Create(),
    DoctorCommand.Create(),
};
return await Shell.RunAsync(root, args);
