using System.CommandLine;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Trainer.Fetch;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer data fetch c4</c>: published text from its public home.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Get published text to train on.") { new Command("fetch", "Fetch a data set from its public home; what is there already is not fetched again.") { C4() } };

    private static Command C4()
    {
        Option<string> shards = new("--shards") { Description = "Shards to fetch, both ends included; about 300 MB each.", HelpName = "A..B", Required = true };
        Option<bool> validation = new("--validation") { Description = "Shards of the validation split (0..7) instead of the training split (0..1023)." };
        Option<string> output = new("--output") { Description = "Folder for the files.", HelpName = "DIR", DefaultValueFactory = _ => Path.Combine("data", "c4") };
        Option<string> home = new("--home") { Description = "The data set's home, or a mirror of it.", HelpName = "URL", DefaultValueFactory = _ => C4Shards.PublicHome };
        var command = new Command("c4", "Fetch shards of C4's English part as published (*.json.gz), check their SHA-256, and go on after a break.") { shards, validation, output, home };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IReadOnlyList<string> names = C4Shards.Names(parsed.GetRequiredValue(shards), parsed.GetValue(validation));
            string folder = parsed.GetRequiredValue(output);
            Uri address = Uri.TryCreate(parsed.GetRequiredValue(home).TrimEnd('/') + "/", UriKind.Absolute, out Uri? found) && found.Scheme is "https" or "http"
                ? found
                : throw new SettingError("home", $"expected an address such as {C4Shards.PublicHome}, found '{parsed.GetRequiredValue(home)}'.");
            OutputPath.RequireWritableFolder("output", folder);
            await FetchAsync(address, names, folder, cancellationToken).ConfigureAwait(false);
            Console.WriteLine($"{names.Count} shards of C4 are in {folder}. Next: dotnet run -c Release --project Trainer -- tokenize --input {ShellWord.Quote(folder)} --tokenizer FILE --output data/c4-tokens");
            return 0;
        });
        return command;
    }

    private static async Task FetchAsync(Uri home, IReadOnlyList<string> names, string folder, CancellationToken cancellationToken)
    {
        using var download = new FileDownload();
        foreach ((int number, string name) in names.Index())
        {
            Uri address = C4Shards.Address(home, name);
            (long size, string sha256) = await download.FactsAsync(address, cancellationToken).ConfigureAwait(false);
            await ProgressBar.RunAsync(FormattableString.Invariant($"{name} ({number + 1} of {names.Count})"), size / 1000, "kB", async bar =>
            {
                await download.FetchAsync(address, Path.Combine(folder, name), size, sha256, done => bar.Report(done / 1000), cancellationToken).ConfigureAwait(false);
                return 0;
            }).ConfigureAwait(false);
        }
    }
}
