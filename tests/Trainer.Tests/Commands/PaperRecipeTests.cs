using System.IO.Compression;
using System.Text.Json;
using Factory.Core.Journal;
using Factory.Core.Text;

namespace Factory.Trainer.Tests.Commands;

/// <summary><c>--recipe paper</c> on real C4 documents with the T5 tokenizer, against a count made from the texts alone.</summary>
public sealed class PaperRecipeTests
{
    private const int RowLength = 256;

    [Fact]
    public async Task Rows_padding_and_valid_tokens_are_those_counted_from_the_texts_and_both_perplexities_are_shown()
    {
        string tokenizerPath = Path.Combine(GoldenData.At("tokenizers", "t5"), "spiece.model");
        string[] files = ["c4-sample.01.json.gz", "c4-sample.02.json.gz", "c4-sample.03.json.gz"];
        using var folder = new TemporaryFolder();
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(
            folder.Path, ["tokenize", "--input", .. files.Select(file => GoldenData.At("c4_sample", file)), "--tokenizer", tokenizerPath, "--output", "tokens", "--validation-fraction", "0"]);
        Assert.True(exitCode == 0, errors);

        // The paper's loader: the document, EOS, cut off at 256 ids, padded; labels of padding do not count, and the first id is no label.
        TextTokenizer tokenizer = TextTokenizer.Load(tokenizerPath);
        int[] lengths = [.. files.SelectMany(file => Texts(GoldenData.At("c4_sample", file))).Select(text => Math.Min(RowLength, tokenizer.Encode(text, addBos: false).Length + 1))];
        Assert.Equal(30, lengths.Length);

        // 30 documents are one epoch of 10 updates of 3 rows.
        (exitCode, _, errors) = await TrainerProcess.RunAsync(
            folder.Path, "pretrain", "--recipe", "paper", "--data", "tokens", "--output", "runs/x", "--blocks", "1", "--hidden-size", "16", "--intermediate-size", "24", "--batch-size", "3", "--steps", "10");
        Assert.True(exitCode == 0, errors);
        StepRecord[] steps = [.. JournalFile.Read(folder.At("runs", "x")).OfType<StepRecord>()];
        Assert.Equal(lengths.Sum(), steps[^1].Tokens);
        Assert.Equal(lengths.Sum(length => length - 1), steps.Sum(step => step.ValidTokens));
    }

    [Fact]
    public async Task The_true_and_the_papers_perplexity_are_printed_side_by_side()
    {
        string tokenizerPath = Path.Combine(GoldenData.At("tokenizers", "t5"), "spiece.model");
        using var folder = new TemporaryFolder();
        Assert.Equal(0, (await TrainerProcess.RunAsync(
            folder.Path, "tokenize", "--input", GoldenData.At("c4_sample"), "--tokenizer", tokenizerPath, "--output", "tokens", "--validation-fraction", "0.3")).ExitCode);
        (int exitCode, string output, string errors) = await TrainerProcess.RunAsync(
            folder.Path, "pretrain", "--recipe", "paper", "--data", "tokens", "--output", "runs/x", "--blocks", "1", "--hidden-size", "16", "--intermediate-size", "24", "--batch-size", "2", "--steps", "2", "--paper-eval", "--tensorboard");
        Assert.True(exitCode == 0, errors);
        Assert.Matches(@"validation perplexity [\d,.]+ \(loss [\d.]+, [\d,]+ tokens\); as the paper's code counts: [\d,.]+", output);
        ValidationRecord measured = Assert.Single(JournalFile.Read(folder.At("runs", "x")).OfType<ValidationRecord>());
        Assert.True(measured.PaperPerplexity < measured.Perplexity);
        string events = Assert.Single(Directory.EnumerateFiles(folder.At("runs", "x", "tensorboard"), "events.out.tfevents.*"));
        string content = System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(events, TestContext.Current.CancellationToken));
        Assert.All(new[] { "train/loss", "train/gradient_norm", "validation/perplexity", "block_output_variance/00" }, tag => Assert.Contains(tag, content, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Texts(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is string line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            yield return document.RootElement.GetProperty("text").GetString()!;
        }
    }
}
