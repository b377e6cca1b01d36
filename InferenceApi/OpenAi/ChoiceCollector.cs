using System.Text;
using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.InferenceApi.OpenAi;

/// <summary>Gathers one continuation's pieces: its text, and the log-probabilities of its tokens where they were asked for.</summary>
internal sealed class ChoiceCollector(TokenTexts? texts)
{
    private readonly StringBuilder _text = new();
    private readonly List<int> _offsets = [];
    private readonly List<float?> _own = [];
    private readonly List<string> _tokens = [];
    private readonly List<IReadOnlyDictionary<string, float>?> _top = [];

    public int Generated { get; private set; }

    public string? FinishReason { get; private set; }

    /// <summary>Mean log-probability of the generated tokens: what best_of compares.</summary>
    public double Mean => Generated == 0 ? 0 : _sum / Generated;

    public string Text => _text.ToString();

    private double _sum;

    /// <summary>Of the text, in code points.</summary>
    private int _length;

    /// <returns>The piece alone, as a stream sends it.</returns>
    public (string Text, CompletionLogprobs? Logprobs) Add(GeneratedPiece piece)
    {
        int offset = _length;
        _text.Append(piece.Text);
        _length += piece.Text.EnumerateRunes().Count();
        Generated += piece.IsPrompt ? 0 : 1;
        _sum += piece.IsPrompt ? 0 : piece.LogProbability ?? 0;
        FinishReason = piece.Finish is FinishReason finish ? Words(finish) : FinishReason;
        if (texts is null)
        {
            return (piece.Text, null);
        }
        string token = texts.Text(piece.TokenId);
        IReadOnlyDictionary<string, float>? top = piece.LogProbability is float own ? Top(piece, token, own) : null;
        _offsets.Add(offset);
        _own.Add(piece.LogProbability);
        _tokens.Add(token);
        _top.Add(top);
        return (piece.Text, new CompletionLogprobs([offset], [piece.LogProbability], [token], [top]));
    }

    public CompletionLogprobs? Logprobs => texts is null ? null : new CompletionLogprobs(_offsets, _own, _tokens, _top);

    /// <summary>OpenAI has one word for every end by length.</summary>
    public static string Words(FinishReason finish) => finish switch
    {
        Runtime.FinishReason.Stop => "stop",
        Runtime.FinishReason.Length or Runtime.FinishReason.Context => "length",
    };

    /// <summary>By text: of two tokens with one text the likelier counts.</summary>
    private Dictionary<string, float> Top(GeneratedPiece piece, string token, float own)
    {
        var top = new Dictionary<string, float>();
        foreach (TokenLogProbability each in piece.Top)
        {
            top.TryAdd(texts!.Text(each.TokenId), each.LogProbability);
        }
        top.TryAdd(token, own);
        return top;
    }
}
