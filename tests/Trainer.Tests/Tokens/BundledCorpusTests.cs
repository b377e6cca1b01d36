using Factory.Trainer.Tokens;

namespace Factory.Trainer.Tests.Tokens;

public class BundledCorpusTests
{
    [Fact]
    public void The_corpus_is_tokenized_once_and_its_end_held_out()
    {
        using var folder = new TemporaryFolder();
        var lines = new List<string>();
        BundledCorpus.Prepare(folder.At("data"), lines.Add, CancellationToken.None);
        BundledCorpus.Prepare(folder.At("data"), lines.Add, CancellationToken.None);
        Assert.Single(lines);
        using TokenDataset data = TokenDataset.Open(folder.At("data"));
        // The text's tokens, BOS and EOS.
        Assert.Equal(395_239 + 2, data.Train.Count + data.Validation.Count);
        Assert.Equal(39_524, data.Validation.Count);
        var last = new int[data.Validation.Count];
        data.Validation.Read(0, last);
        Assert.EndsWith("Whiles thou art waking.\n", data.Tokenizer.Decode(last), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_tokens_are_made_again()
    {
        using var folder = new TemporaryFolder();
        var lines = new List<string>();
        BundledCorpus.Prepare(folder.At("data"), lines.Add, CancellationToken.None);
        File.WriteAllText(folder.At("data", "train.bin"), "x");
        BundledCorpus.Prepare(folder.At("data"), lines.Add, CancellationToken.None);
        Assert.Equal(2, lines.Count);
        TokenDataset.Open(folder.At("data")).Dispose();
    }
}
