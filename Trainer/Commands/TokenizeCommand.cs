using System.CommandLine;
using Factory.CommandLine;
using Factory.Core.Text;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer tokenize</c>: text files to a token directory.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        Option<string[]> input = new("--input")
        {
            Description = "Text to tokenize: files or directories of .txt (each one document), .jsonl, .jsonl.gz, .json, .json.gz (one JSON object a line, each a document).",
            HelpName = "FILE|DIR",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        Option<string> tokenizer = TokenizerOption.Create();
        Option<string> output = new("--output") { Description = "Token directory to write, such as data/NAME.", HelpName = "DIR", Required = true };
        Option<double> fraction = new("--validation-fraction")
        {
            Description = "Part of the documents to hold out, chosen by the hash of their text; of a single document, its end.",
            HelpName = "0..0.5",
            DefaultValueFactory = _ => 0.05,
        };
        Option<string> field = new("--text-field") { Description = "Field of a JSON line that holds the text.", HelpName = "NAME", DefaultValueFactory = _ => "text" };
        Option<bool> overwrite = new("--overwrite") { Description = "Replace the tokens that are in --output." };
        var command = new Command("tokenize", "Turn text into memory-mapped token files with a training and a validation split.") { input, tokenizer, output, fraction, field, overwrite };
        command.SetAction(async (parsed, cancellation) =>
        {
            await RunAsync(
                new TokenizeOptions
                {
                    Inputs = parsed.GetRequiredValue(input),
                    Tokenizer = parsed.GetRequiredValue(tokenizer),
                    Output = parsed.GetRequiredValue(output),
                    ValidationFraction = parsed.GetValue(fraction),
                    TextField = parsed.GetRequiredValue(field),
                    Overwrite = parsed.GetValue(overwrite),
                },
                cancellation).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(TokenizeOptions options, CancellationToken cancellation)
    {
        TextTokenizer tokenizer = TokenizerOption.Load(options.Tokenizer);
        var files = new TextFiles(options.Inputs, options.TextField);
        TokenizeReport report = await ProgressBar.RunAsync(
            "Tokenizing",
            files.TotalBytes / 1000,
            "kB",
            bar => Task.Run(() => Tokenization.Run(options, files, tokenizer, () => bar.Report(files.BytesRead / 1000), cancellation), cancellation)).ConfigureAwait(false);
        Console.WriteLine($"{options.Output}: {report}");
        Console.WriteLine($"Train on it: dotnet run -c Release --project Trainer -- pretrain --data {ShellWord.Quote(options.Output)}");
    }
}
