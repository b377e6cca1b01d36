using System.CommandLine;
using Factory.CommandLine;
using Factory.Core.Text;
using Factory.Trainer.Texts;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer tokenize</c>: text files to a token directory.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        Option<string[]> input = new("--input")
        {
            Description = $"Text to tokenize: files, directories with all below them, or quoted patterns ('c4/*.json.gz', 'books/**/*.txt'), of {FileKind.Suffixes}. "
                + "A .txt file is one document; of JSON, each object of a line or of the file's array is one; of parquet, each row. "
                + "PATH=WEIGHT trains on each document WEIGHT times: 2 takes all twice, 0.5 half of them.",
            HelpName = "PATH[=WEIGHT]",
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
        Option<string> field = new("--text-field") { Description = "Field of a JSON object, or column of a table, that holds the text.", HelpName = "NAME", DefaultValueFactory = _ => "text" };
        Option<string?> separator = new("--document-separator")
        {
            Description = "What stands between the documents of a .txt file, such as '<|endoftext|>'; \\n is a line end. [default: none, a file is one document]",
            HelpName = "TEXT",
        };
        Option<string> shuffle = CheckedOption.OneOf("--shuffle", "Order of the documents to train on: as read, shuffled within windows, or all among one another.", [.. DocumentOrder.Names]);
        Option<long> window = new("--shuffle-window") { Description = "Documents of a window.", HelpName = "N", DefaultValueFactory = _ => 65536 };
        Option<ulong> seed = new("--seed") { Description = "Seed of the shuffle; the same seed, the same order.", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<int> threads = ThreadsOption.Create("Encoders at work; 0 takes every core. The tokens do not depend on it.");
        Option<bool> overwrite = new("--overwrite") { Description = "Replace the tokens that are in --output." };
        var command = new Command("tokenize", "Turn text into memory-mapped token files with a training and a validation split.")
        {
            input, tokenizer, output, fraction, field, separator, shuffle, window, seed, threads, overwrite,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new TokenizeOptions
            {
                Output = parsed.GetRequiredValue(output),
                ValidationFraction = parsed.GetValue(fraction),
                Text = new TextOptions { Field = parsed.GetRequiredValue(field), Separator = parsed.GetValue(separator)?.Replace("\\n", "\n", StringComparison.Ordinal) },
                Order = new DocumentOrder(Enum.Parse<Shuffle>(parsed.GetRequiredValue(shuffle), ignoreCase: true), parsed.GetValue(window), parsed.GetValue(seed)),
                Threads = parsed.GetValue(threads),
                Overwrite = parsed.GetValue(overwrite),
            };
            await RunAsync(options, parsed.GetRequiredValue(input), TokenizerOption.Load(parsed.GetRequiredValue(tokenizer)), cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(TokenizeOptions options, IReadOnlyList<string> inputs, TextTokenizer tokenizer, CancellationToken cancellationToken)
    {
        var files = new TextFiles(InputSearch.Find(inputs, Console.Error.WriteLine), options.Text, Console.Error.WriteLine);
        TokenizeReport report = await ProgressBar.RunAsync(
            "Tokenizing",
            files.TotalBytes / 1000,
            "kB",
            bar => Task.Run(() => Tokenization.Run(options, files, tokenizer, () => bar.Report(files.BytesRead / 1000), cancellationToken), cancellationToken)).ConfigureAwait(false);
        Console.WriteLine($"{options.Output}: {report}");
        Console.WriteLine($"Train on it: dotnet run -c Release --project Trainer -- pretrain --data {ShellWord.Quote(options.Output)}");
    }
}
