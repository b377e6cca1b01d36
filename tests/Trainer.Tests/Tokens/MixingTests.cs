using System.Security.Cryptography;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Tests.Tokens;

/// <summary>Weights, order, split and threads: what decides which tokens stand where.</summary>
public sealed class MixingTests : IDisposable
{
    private readonly TokenFolder _folder = new();

    [Fact]
    public void A_weight_says_how_often_the_documents_of_a_source_are_trained_on()
    {
        _folder.Write("twice/a.jsonl", Lines("twice", 400));
        _folder.Write("half/a.jsonl", Lines("half", 400));
        TokenizeReport report = _folder.Run([_folder.At("twice") + "=2.5", _folder.At("half") + "=0.5"], Options(fraction: 0.1));
        (int[] train, int[] validation) = _folder.Read();
        Dictionary<string, int> trained = Documents(train).GroupBy(text => text).ToDictionary(group => group.Key, group => group.Count());
        string[] held = [.. Documents(validation)];

        // No document on both sides, and none held out twice.
        Assert.Empty(held.Intersect(trained.Keys));
        Assert.Equal(held.Length, held.Distinct().Count());
        int[] copies = [.. trained.Where(found => found.Key.StartsWith("twice", StringComparison.Ordinal)).Select(found => found.Value)];
        Assert.Equal([2, 3], copies.Distinct().Order());
        Assert.InRange(copies.Average(), 2.4, 2.6);
        Assert.Equal(400, copies.Length + held.Count(text => text.StartsWith("twice", StringComparison.Ordinal)));
        Assert.All(trained.Where(found => found.Key.StartsWith("half", StringComparison.Ordinal)), found => Assert.Equal(1, found.Value));
        Assert.InRange(report.LeftOutDocuments, 160, 240);
        Assert.Equal(2, report.Sources.Count);
        Assert.Equal(train.Length + validation.Length, report.Sources.Sum(source => source.Tokens));
        Assert.Equal(trained.Values.Sum(), report.TrainDocuments);
    }

    [Theory]
    [InlineData("Full", 100)]
    [InlineData("Window", 100)]
    [InlineData("Window", 1_000_000)]
    public void A_shuffle_moves_whole_documents_as_the_seed_says(string shuffle, long window)
    {
        string input = _folder.Write("a.jsonl", Lines("document", 1000));
        string[] plain = Run(new DocumentOrder(Shuffle.None, 2, 1));
        string[] shuffled = Run(new DocumentOrder(Enum.Parse<Shuffle>(shuffle), window, 1));
        Assert.NotEqual(plain, shuffled);
        Assert.Equal(plain.Order(StringComparer.Ordinal), shuffled.Order(StringComparer.Ordinal));
        Assert.Equal(shuffled, Run(new DocumentOrder(Enum.Parse<Shuffle>(shuffle), window, 1)));
        Assert.NotEqual(shuffled, Run(new DocumentOrder(Enum.Parse<Shuffle>(shuffle), window, 2)));
        if (window == 100)
        {
            int farthest = plain.Select((text, i) => Math.Abs(Array.IndexOf(shuffled, text) - i)).Max();
            Assert.True(shuffle == "Full" ? farthest > 500 : farthest < 100, $"moved by {farthest}");
        }

        string[] Run(DocumentOrder order)
        {
            _folder.Run([input], Options(fraction: 0.1) with { Order = order });
            return [.. Documents(_folder.Read().Train)];
        }
    }

    [Fact]
    public void The_same_tokens_come_from_any_number_of_threads()
    {
        _folder.Write("in/a.jsonl", Lines("document", 3000));
        _folder.Write("in/long.txt", string.Concat(Enumerable.Range(0, 60_000).Select(i => $"line {i}: to be or not\n")));
        string[] hashes = [.. new[] { 1, 2, 3, 8 }.Select(threads =>
        {
            _folder.Run([_folder.At("in")], Options(fraction: 0.1) with { Threads = threads, Order = new DocumentOrder(Shuffle.Full, 2, 5) });
            return Manifest.Read(_folder.Output, TokenFacts.Kind).ContentHash;
        })];
        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public void Copies_of_the_first_document_do_not_leak_into_what_is_held_out()
    {
        // A text whose hash says: held out.
        string text = Enumerable.Range(0, 1000).Select(i => $"text {i}").First(text => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text))[0] < 0.1 * 256 - 1);
        _folder.Run([_folder.Write("a.jsonl", string.Concat(new[] { text, "other one", text, "another", text }.Select(Line)))], Options(fraction: 0.1));
        (int[] train, int[] validation) = _folder.Read();
        Assert.Equal(["other one", "another"], Documents(train));
        Assert.Equal([text, text, text], Documents(validation));
    }

    [Fact]
    public void A_single_document_gives_its_end_whatever_its_hash_says()
    {
        foreach (string text in Enumerable.Range(0, 40).Select(i => $"text {i}: to be or not to be, that is the question"))
        {
            _folder.Run([_folder.Write("a.txt", text)], Options(fraction: 0.1) with { Order = new DocumentOrder(Shuffle.Full, 2, 1) });
            (int[] train, int[] validation) = _folder.Read();
            Assert.Equal(_folder.Document(text), train.Concat(validation));
            Assert.NotEmpty(validation);
        }
    }

    [Fact]
    public void Where_only_the_end_could_be_held_out_and_stands_elsewhere_too_the_split_is_refused()
    {
        string[] texts = [.. Enumerable.Range(0, 100).Select(i => $"t {i}").Where(text => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text))[0] > 128).Take(2)];
        string copies = _folder.Write("a.jsonl", string.Concat(new[] { texts[0], texts[1], texts[1] }.Select(Line)));
        Assert.Contains("some are there twice", Assert.Throws<SettingError>(() => _folder.Run([copies], Options(fraction: 0.1))).Message, StringComparison.Ordinal);
        string single = _folder.Write("b.jsonl", Line(texts[0]));
        Assert.Equal("validation_fraction", Assert.Throws<SettingError>(() => _folder.Run([single + "=2"], Options(fraction: 0.1))).Setting);
        _folder.Run([single + "=2"], Options(fraction: 0));
        Assert.Equal([texts[0], texts[0]], Documents(_folder.Read().Train));
    }

    public void Dispose() => _folder.Dispose();

    private TokenizeOptions Options(double fraction) => new() { Output = _folder.Output, ValidationFraction = fraction, Overwrite = true };

    private static string Line(string text) => $"{{\"text\": \"{text}\"}}\n";

    private static string Lines(string name, int count) => string.Concat(Enumerable.Range(0, count).Select(i => Line($"{name} {i}")));

    /// <summary>Texts between BOS (1) and EOS (2).</summary>
    private IEnumerable<string> Documents(int[] ids)
    {
        for (int start = 0; start < ids.Length;)
        {
            int end = Array.IndexOf(ids, 2, start);
            Assert.Equal(1, ids[start]);
            yield return _folder.Tokenizer.Decode(ids[(start + 1)..end]);
            start = end + 1;
        }
    }
}
