using System.Text;

namespace Factory.Core.Text;

/// <summary>
/// The likeliest segmentation under a unigram language model (Kudo, arXiv 1804.10959), by Viterbi's algorithm in double precision. Between equally
/// likely ones the rounding of the sums decides, so that the choice for "________" depends on what was encoded before it in the same call.
/// </summary>
internal sealed class UnigramEncoder : IPieceEncoder
{
    private const double UnknownPenalty = 10;
    private const float SmallestNormalSingle = 1.17549435E-38f;

    private readonly Dictionary<(int Node, char Next), int> _children = [];
    private readonly List<int?> _idAt = [null];
    private readonly double[] _scores;
    private readonly double _unknownScore;

    public UnigramEncoder(SentencePieceModel model)
    {
        float[] normal = [.. model.Pieces.Where(piece => piece.Type == PieceType.Normal).Select(piece => piece.Score)];
        _unknownScore = normal.Append(float.MaxValue).Min() - UnknownPenalty;
        // SentencePiece starts its search for the best score at C's FLT_MIN, which is above zero: with log-probabilities, a user-defined piece of
        // any length counts as -0.1.
        float best = normal.Append(SmallestNormalSingle).Max();
        _scores = [.. model.Pieces.Select(piece =>
            piece.Type == PieceType.UserDefined ? (float)((Encoding.UTF8.GetByteCount(piece.Text) * best) - 0.1) : piece.Score)];
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            if (model.Pieces[id].Type is PieceType.Normal or PieceType.UserDefined)
            {
                Add(model.Pieces[id].Text, id);
            }
        }
    }

    public void Encode(ReadOnlySpan<char> word, PieceIds output)
    {
        var best = new Step[word.Length + 1];
        int length;
        for (int at = 0; at < word.Length; at += length)
        {
            Rune.DecodeFromUtf16(word[at..], out _, out length);
            bool single = false;
            int node = 0;
            for (int end = at; end < word.Length && _children.TryGetValue((node, word[end]), out node);)
            {
                end++;
                if (_idAt[node] is int id)
                {
                    Reach(ref best[end], best[at].Score + _scores[id], at, id);
                    single |= end - at == length;
                }
            }
            if (!single)
            {
                Reach(ref best[at + length], best[at].Score + _unknownScore, at, null);
            }
        }
        var path = new Stack<(int Start, int End)>();
        for (int end = word.Length; end > 0; end = best[end].Start)
        {
            path.Push((best[end].Start, end));
        }
        foreach ((int start, int end) in path)
        {
            output.Add(word[start..end], best[end].Id);
        }
    }

    private static void Reach(ref Step step, double score, int start, int? id)
    {
        if (!step.Reached || score > step.Score)
        {
            step = new Step(true, score, start, id);
        }
    }

    private void Add(string text, int id)
    {
        int node = 0;
        foreach (char next in text)
        {
            if (!_children.TryGetValue((node, next), out int child))
            {
                child = _idAt.Count;
                _idAt.Add(null);
                _children.Add((node, next), child);
            }
            node = child;
        }
        _idAt[node] = id;
    }

    /// <summary>The best way found so far to a place in the word: its log-probability and its last piece.</summary>
    private readonly record struct Step(bool Reached, double Score, int Start, int? Id);
}
