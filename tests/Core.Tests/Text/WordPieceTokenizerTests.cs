using System.Text.Json;
using Factory.Core.Text;

namespace Factory.Core.Tests.Text;

/// <summary>WordPiece gives Hugging Face's ids and places.</summary>
public sealed class WordPieceTokenizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("uncased")]
    [InlineData("cased")]
    [InlineData("uncased_accents")]
    [InlineData("uncased_whole_chinese")]
    public void Ids_and_places_are_those_of_transformers(string name) => RequireGolden(name, WordPieceTokenizer.FindIn(GoldenData.At("wordpiece_golden", name))!);

    [Theory]
    [InlineData("uncased")]
    [InlineData("cased")]
    public void A_tokenizer_json_alone_gives_the_same(string name)
    {
        File.Copy(Path.Combine(GoldenData.At("wordpiece_golden", name), "tokenizer.json.saved"), _folder.At("tokenizer.json"));
        RequireGolden(name, WordPieceTokenizer.FindIn(_folder.Path)!);
    }

    [Fact]
    public void A_tokenizer_of_another_kind_is_refused_by_name()
    {
        File.WriteAllText(_folder.At("tokenizer.json"), """{"model": {"type": "BPE", "vocab": {}, "merges": []}}""");
        UserError error = Assert.Throws<UserError>(() => WordPieceTokenizer.FindIn(_folder.Path));
        Assert.Contains("WordPiece", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vocabulary_without_its_special_tokens_is_refused()
    {
        File.WriteAllText(_folder.At("vocab.txt"), "[PAD]\n[UNK]\na\n");
        UserError error = Assert.Throws<UserError>(() => WordPieceTokenizer.FindIn(_folder.Path));
        Assert.Contains("[CLS]", error.Message, StringComparison.Ordinal);
    }

    private static void RequireGolden(string name, WordPieceTokenizer tokenizer)
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(GoldenData.At("wordpiece_golden", name), "golden.json")));
        foreach (JsonElement row in golden.RootElement.EnumerateArray())
        {
            string text = row.GetProperty("text").GetString()!;
            IReadOnlyList<WordPiece> found = tokenizer.Encode(text);
            Assert.True(row.GetProperty("ids").Deserialize<int[]>()!.SequenceEqual(found.Select(piece => piece.Id)), $"ids of {JsonSerializer.Serialize(text)}: {string.Join(",", found.Select(piece => piece.Id))} instead of {row.GetProperty("ids").GetRawText()}");
            int[][] places = row.GetProperty("offsets").Deserialize<int[][]>()!;
            Assert.True(places.Select(place => (place[0], place[1])).SequenceEqual(found.Select(piece => (piece.Start, piece.End))), $"places in {JsonSerializer.Serialize(text)}: {string.Join(",", found.Select(piece => (piece.Start, piece.End)))} instead of {row.GetProperty("offsets").GetRawText()}");
        }
    }
}
