using Factory.Core;
using Factory.Core.Text;

namespace Factory.Runtime.Encoders;

/// <summary>
/// Finds the answer to a question in a passage as the authors' run_squad.py does (Devlin et al. 2019, section 4.2): a passage that is too long is read in
/// windows that overlap; an answer's score is the sum of its start and end logits, over the likeliest starts and ends of each window.
/// <code>[CLS] question [SEP] a window of the passage [SEP]</code>
/// </summary>
/// <param name="model">With the question-answering head and a tokenizer.</param>
/// <param name="removed">Blocks that are left out; null: none.</param>
public sealed class AnswerFinder(EncoderModel model, IReadOnlyCollection<int>? removed = null)
{
    /// <summary>Tokens of a row, at most; fewer where the model reads fewer.</summary>
    private const int MaxLength = 384;

    /// <summary>Tokens of a question, at most.</summary>
    private const int MaxQuestion = 64;

    /// <summary>Tokens from one window's beginning to the next one's.</summary>
    private const int Stride = 128;

    /// <summary>Starts, and ends, of a window that are looked at.</summary>
    private const int Best = 20;

    /// <summary>Tokens of an answer, at most.</summary>
    private const int MaxAnswer = 30;

    /// <summary>Rows that are run together.</summary>
    private const int Batch = 8;

    /// <summary>The likeliest answer: a part of the passage as it stands there; empty where the passage has no token.</summary>
    /// <exception cref="UserError">The bundle has no tokenizer, or the question leaves no room for the passage.</exception>
    public string Find(string question, string passage)
    {
        WordPieceTokenizer tokenizer = model.Bundle.Tokenizer
            ?? throw new UserError($"{model.Bundle.Directory}: expected a tokenizer (vocab.txt or tokenizer.json), found none. Put it beside the weights and import and export them again.");
        int[] asked = [tokenizer.ClassificationTokenId, .. tokenizer.Encode(question).Take(MaxQuestion).Select(piece => piece.Id), tokenizer.SeparatorTokenId];
        IReadOnlyList<WordPiece> pieces = tokenizer.Encode(passage);
        int room = Math.Min(MaxLength, model.Bundle.Model.MaxPositions) - asked.Length - 1;
        if (room < 1)
        {
            throw new UserError($"{model.Bundle.Directory}: expected a question that leaves room for its passage within {model.Bundle.Model.MaxPositions} tokens, found one of {asked.Length - 2} tokens.");
        }
        PassageWindow[] windows = [.. PassageWindow.Cut(pieces.Count, room, Stride)];
        (int Start, int End, float Score)? best = null;
        foreach (PassageWindow[] batch in windows.Chunk(Batch))
        {
            IReadOnlyList<AnswerLogits> logits = model.Answers([.. batch.Select(Row)], removed);
            foreach ((PassageWindow window, AnswerLogits found) in batch.Zip(logits))
            {
                foreach ((int start, int end, float score) in Candidates(windows, window, found))
                {
                    // Of equals the first counts.
                    if (best is null || score > best.Value.Score)
                    {
                        best = (start, end, score);
                    }
                }
            }
        }
        return best is (int first, int last, _) ? passage[pieces[first].Start..pieces[last].End] : "";

        EncoderInput Row(PassageWindow window)
        {
            int[] ids = [.. asked, .. pieces.Skip(window.Start).Take(window.Length).Select(piece => piece.Id), tokenizer.SeparatorTokenId];
            return new EncoderInput(ids, [.. ids.Select((_, position) => position < asked.Length ? 0 : 1)]);
        }

        IEnumerable<(int Start, int End, float Score)> Candidates(PassageWindow[] all, PassageWindow window, AnswerLogits found) =>
            from start in Likeliest(found.Start)
            where window.Has(start - asked.Length) && window.IsWidestFor(all, start - asked.Length)
            from end in Likeliest(found.End)
            where window.Has(end - asked.Length) && end >= start && end - start < MaxAnswer
            select (window.Start + start - asked.Length, window.Start + end - asked.Length, found.Start[start] + found.End[end]);
    }

    /// <summary>Positions of the largest logits, the largest first; of equals the first.</summary>
    private static IEnumerable<int> Likeliest(float[] logits) => Enumerable.Range(0, logits.Length).OrderByDescending(position => logits[position]).Take(Best);
}
