using Factory.Core.Text;

namespace Factory.Evals.Models.Http;

/// <summary>Which model behind which server is asked, and how.</summary>
public sealed record ServerModelOptions
{
    /// <summary>The server's address, without "/v1".</summary>
    public required Uri Root { get; init; }

    /// <summary>Whether it is Factory's own server, which says what it serves. Default: any server with OpenAI's interface.</summary>
    public bool IsFactory { get; init; }

    /// <summary>Name of the model. Default null: the only one that is served.</summary>
    public string? Model { get; init; }

    /// <summary>API key. Default null: none.</summary>
    public string? Key { get; init; }

    /// <summary>The model's tokenizer. Default null: the server's /tokenize is asked.</summary>
    public TextTokenizer? Tokenizer { get; init; }

    /// <summary>Tokens of prompt and continuation together, at most. Default null: what the server says.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Requests at once. Default: 8.</summary>
    public int Concurrency { get; init; } = 8;
}
