using Factory.Core.Text;

namespace Factory.Core.Tests.Text;

/// <summary>Encoders on models small enough to work the expected ids out by hand.</summary>
public class SmallModelTests
{
    private static readonly Piece Unknown = new("<unk>", 0, PieceType.Unknown);

    [Fact]
    public void Unigram_takes_the_likeliest_segmentation()
    {
        // ▁ab: -1 - 4 = -5 as "▁a" + "b"; -3.5 as "▁" + "ab".
        using var model = new SmallModel(isBpe: false, Unknown, Text("▁", -2), Text("▁a", -1), Text("b", -4), Text("ab", -1.5f));
        Assert.Equal([1, 4], model.Tokenizer.Encode("ab", addBos: false));
        Assert.Equal([2], model.Tokenizer.Encode("a", addBos: false));
    }

    [Fact]
    public void A_run_of_unknown_characters_is_one_unknown_token_and_eos_closes_where_there_is_no_bos()
    {
        using var model = new SmallModel(isBpe: false, Unknown, new Piece("</s>", 0, PieceType.Control), Text("▁", -2), Text("a", -1));
        Assert.Equal([2, 3, 0, 3, 1], model.Tokenizer.EncodeWithSpecialTokens("a日本a"));
    }

    [Fact]
    public void A_user_defined_piece_stays_whole_in_both_kinds()
    {
        Piece marker = new("ab", 0, PieceType.UserDefined);
        using var unigram = new SmallModel(isBpe: false, Unknown, Text("▁", -1), Text("a", -3), Text("b", -3), Text("bc", -3), Text("c", -3), marker);
        using var bpe = new SmallModel(isBpe: true, Unknown, Text("▁", -1), Text("a", -2), Text("b", -3), Text("bc", 0), Text("c", -4), marker);
        Assert.Equal([1, 6, 5], unigram.Tokenizer.Encode("abc", addBos: false));
        Assert.Equal([1, 6, 5], bpe.Tokenizer.Encode("abc", addBos: false));
    }

    [Fact]
    public void Bpe_joins_the_best_scored_pair_first_and_the_leftmost_among_equals()
    {
        using var model = new SmallModel(isBpe: true, Unknown, Text("▁", -9), Text("a", -8), Text("b", -7), Text("ab", -2), Text("aa", -1));
        Assert.Equal([1, 5, 3], model.Tokenizer.Encode("aab", addBos: false));
        Assert.Equal([1, 5, 2], model.Tokenizer.Encode("aaa", addBos: false));
    }

    [Fact]
    public void An_unused_bpe_piece_is_taken_apart_again()
    {
        using var model = new SmallModel(isBpe: true, Unknown, Text("▁", -9), Text("a", -8), Text("b", -7), new Piece("ab", -1, PieceType.Unused), Text("aba", -2));
        Assert.Equal([1, 2, 3], model.Tokenizer.Encode("ab", addBos: false));
        Assert.Equal([1, 5], model.Tokenizer.Encode("aba", addBos: false));
    }

    [Fact]
    public void Words_are_not_encoded_apart_where_a_piece_reaches_over_a_space()
    {
        using var model = new SmallModel(isBpe: true, Unknown, Text("▁", -9), Text("a", -8), Text("b", -7), Text("a▁", -2), Text("a▁b", -1));
        Assert.Equal([1, 5], model.Tokenizer.Encode("a b", addBos: false));
    }

    [Fact]
    public void Pieces_that_cannot_be_are_refused_by_number()
    {
        Assert.Contains("piece 2", Refusal(Unknown, Text("a", -1), Text("a", -2)), StringComparison.Ordinal);
        Assert.Contains("piece 1", Refusal(Unknown, Text("a", float.NaN)), StringComparison.Ordinal);
        Assert.Contains("2 pieces for unknown", Refusal(Unknown, new Piece("<also>", 0, PieceType.Unknown)), StringComparison.Ordinal);

        static string Refusal(params Piece[] pieces) => Assert.Throws<UserError>(() => new SmallModel(isBpe: false, pieces)).Message;
    }

    private static Piece Text(string text, float score) => new(text, score, PieceType.Normal);

    private sealed class SmallModel : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public SmallModel(bool isBpe, params Piece[] pieces)
        {
            string path = _folder.At("tokenizer.model");
            File.WriteAllBytes(path, SentencePieceModelWriter.Write(new SentencePieceModel { Pieces = pieces, IsBpe = isBpe }));
            Tokenizer = TextTokenizer.Load(path);
        }

        public TextTokenizer Tokenizer { get; }

        public void Dispose() => _folder.Dispose();
    }
}
