using Factory.Core.Text;
using Factory.Trainer.Data;
using Factory.Trainer.Tests.Tokens;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Tests.Data;

/// <summary>Rows of one document, counted independently from the text.</summary>
public sealed class DocumentRowsTests : IDisposable
{
    private static readonly string[] Texts = ["To be, or not to be", "a", "that is the question: whether 'tis nobler in the mind to suffer the slings and arrows", "!", "O Romeo, Romeo!"];

    private readonly TokenFolder _folder = new();
    private readonly TokenDataset _data;

    public DocumentRowsTests()
    {
        _folder.Run([_folder.Write("in.jsonl", string.Join('\n', Texts.Select(text => System.Text.Json.JsonSerializer.Serialize(new { text }))))]);
        _data = TokenDataset.Open(_folder.Output);
    }

    public void Dispose()
    {
        _data.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_row_is_a_document_without_bos_with_eos_cut_off_or_padded_and_only_its_own_tokens_are_labels()
    {
        const int time = 12;
        TextTokenizer tokenizer = _data.Tokenizer;
        MicroBatch batch = Assert.Single(DocumentRows.InOrder(_data.Train, Index(), 1_000, time, microBatchSize: 8));
        Assert.Equal((Texts.Length, time), (batch.Rows, batch.Time));
        long tokens = 0;
        for (int row = 0; row < Texts.Length; row++)
        {
            long[] expected = [.. tokenizer.EncodePlain(Texts[row]).Append(tokenizer.EosTokenId!.Value).Take(time).Select(id => (long)id)];
            tokens += expected.Length;
            Assert.Equal(expected.Concat(Enumerable.Repeat(0L, time - expected.Length)), batch.Ids[(row * time)..((row + 1) * time)]);
            Assert.Equal(expected.Skip(1).Concat(Enumerable.Repeat(-100L, time - expected.Length + 1)), batch.Labels[(row * time)..((row + 1) * time)]);
        }
        Assert.Equal((tokens, tokens - Texts.Length), (batch.Tokens, batch.ValidTokens));
    }

    [Fact]
    public void An_epoch_visits_every_document_once_and_any_update_is_found_without_those_before_it()
    {
        var source = new DocumentRows(_data.Train, Index(), time: 8, batchSize: 5, microBatchSize: 2, seed: 3);
        UpdateBatch epoch = source.At(0);
        Assert.Equal([2, 2, 1], epoch.MicroBatches.Select(micro => micro.Rows));
        long[] firsts = [.. epoch.MicroBatches.SelectMany(micro => Enumerable.Range(0, micro.Rows).Select(row => micro.Ids[row * 8]))];
        long[] expected = [.. Texts.Select(text => (long)_data.Tokenizer.EncodePlain(text)[0])];
        Assert.Equal(expected.Order(), firsts.Order());
        Assert.Equal(source.At(7).MicroBatches[0].Ids, new DocumentRows(_data.Train, Index(), 8, 5, 2, seed: 3).At(7).MicroBatches[0].Ids);
        Assert.Contains(Enumerable.Range(1, 9), update => !source.At(update).MicroBatches[0].Ids.SequenceEqual(epoch.MicroBatches[0].Ids));
    }

    [Fact]
    public void Reading_in_order_ends_after_the_tokens_asked_for()
    {
        long first = Assert.Single(Read(count: 1)).Tokens;
        Assert.Single(Read(first));
        Assert.Equal(2, Read(first + 1).Count());

        IEnumerable<MicroBatch> Read(long count) => DocumentRows.InOrder(_data.Train, Index(), count, time: 12, microBatchSize: 1);
    }

    private DocumentIndex Index() => DocumentIndex.Build(_data.Train, _data.Tokenizer);
}
