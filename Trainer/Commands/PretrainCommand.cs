using System.CommandLine;
using Factory.CommandLine;
using Factory.Trainer.Training;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer pretrain</c>: tokens to a trained checkpoint.</summary>
internal static class PretrainCommand
{
    public static Command Create()
    {
        var recipe = RecipeOptions.ForPretraining();
        Option<string?> data = new("--data") { Description = "Directory of tokens that 'tokenize' wrote. [default: the bundled corpus, tokenized first]", HelpName = "DIR" };
        Option<string?> output = new("--output") { Description = "Directory of the run. [default: runs/PRESET-NORM]", HelpName = "DIR" };
        Option<bool> resume = new("--resume")
        {
            Description = "Go on with the run in --output from its newest checkpoint (or start it, if there is none). Its recipe is remembered; one that contradicts it is refused. "
                + "With --steps a run of a wsd or constant schedule is made longer.",
        };
        Option<bool> dryRun = new("--dry-run") { Description = "Print the resolved recipe, the parameters, the memory and the tokens that it would take, and stop." };
        Option<string> device = new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };
        Option<int> threads = ThreadsOption.Create("CPU threads, 0 for one per core. A resumed run repeats an uninterrupted one bit for bit with the same number.");
        Option<string?> maxTime = new("--max-time") { Description = "Save and stop after so long, such as 90m, 8h or 01:30:00; --resume goes on.", HelpName = "TIME" };
        var command = new Command("pretrain", "Train a LLaMA from scratch. Ctrl-C saves a checkpoint and stops; --resume goes on.") { data, output, resume, dryRun, device, threads, maxTime };
        recipe.AddTo(command);
        command.SetAction((parsed, stop) =>
        {
            var request = new PretrainRequest(
                recipe.Given(parsed), parsed.GetValue(data), parsed.GetValue(output), parsed.GetValue(resume), parsed.GetRequiredValue(device), parsed.GetValue(threads),
                parsed.GetValue(maxTime) is string time ? DurationText.Parse(time, "max_time") : null);
            return parsed.GetValue(dryRun) ? Task.FromResult(DryRun.Print(request)) : RunConsole.TrainAsync(log => Pretraining.Prepare(request, TimeProvider.System, log, stop), "training", "pretrain", stop);
        });
        return command;
    }
}
