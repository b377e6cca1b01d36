using System.CommandLine;
using Factory.CommandLine;
using Factory.Trainer.FineTuning;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer finetune</c>: a checkpoint and instructions to a tuned checkpoint.</summary>
internal static class FinetuneCommand
{
    public static Command Create()
    {
        RecipeOptions recipe = RecipeOptions.ForTuning();
        Option<string> checkpoint = new("--checkpoint") { Description = "The model to tune: a run, or one of its checkpoints.", HelpName = "DIR", Required = true };
        Option<string[]> data = new("--data")
        {
            Description = "Instructions in JSON, an array of rows or one row after another, or directories of .json, .jsonl and .ndjson files. A row is {instruction, input, output} or {messages: [{role, content}]}.",
            HelpName = "FILE|DIR",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        Option<string?> output = new("--output") { Description = "Directory of the run. [default: runs/MODEL-METHOD]", HelpName = "DIR" };
        Option<bool> resume = new("--resume") { Description = "Go on with the run in --output from its newest checkpoint (or start it, if there is none). A recipe that contradicts it is refused." };
        Option<string> device = new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };
        Option<int> threads = ThreadsOption.Create("CPU threads, 0 for one per core. A resumed run repeats an uninterrupted one bit for bit with the same number.");
        Option<string?> maxTime = new("--max-time") { Description = "Save and stop after so long, such as 90m, 8h or 01:30:00; --resume goes on.", HelpName = "TIME" };
        var command = new Command("finetune", "Tune a checkpoint on instructions; the loss is that of the answers. Ctrl-C saves a checkpoint and stops; --resume goes on.")
        {
            checkpoint, data, output, resume, device, threads, maxTime,
        };
        recipe.AddTo(command);
        command.SetAction((parsed, stop) =>
        {
            var request = new TuneRequest(
                recipe.Given(parsed), parsed.GetRequiredValue(checkpoint), parsed.GetRequiredValue(data), parsed.GetValue(output), parsed.GetValue(resume),
                parsed.GetRequiredValue(device), parsed.GetValue(threads), parsed.GetValue(maxTime) is string time ? DurationText.Parse(time, "max_time") : null);
            string again = $"finetune --checkpoint {ShellWord.Quote(request.Checkpoint)} --data {string.Join(' ', request.Data.Select(ShellWord.Quote))}";
            return RunConsole.TrainAsync(log => Tuning.Prepare(request, TimeProvider.System, log), "tuning", again, stop);
        });
        return command;
    }
}
