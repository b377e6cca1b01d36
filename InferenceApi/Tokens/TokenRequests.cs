using System.ComponentModel;
using Factory.InferenceApi.Validation;

namespace Factory.InferenceApi.Tokens;

/// <summary>A text whose tokens are wanted.</summary>
public sealed class TokenizeRequest
{
    /// <summary>The text.</summary>
    [Given("a string of well-formed Unicode")]
    public string? Prompt { get; set; }

    /// <summary>false: no tokens that open a text (BOS) in front.</summary>
    [DefaultValue(true)]
    public bool? AddSpecialTokens { get; set; }

    /// <summary>false: control tokens spelt out in the text are the characters they are made of.</summary>
    [DefaultValue(true)]
    public bool? ParseSpecial { get; set; }

    /// <summary>true: the answer also has each token's spelling.</summary>
    [DefaultValue(false)]
    public bool? ReturnTokenStrs { get; set; }

    /// <summary>Name of a served model (GET /models). Default: the one that the server was started with.</summary>
    public string? Model { get; set; }
}

/// <summary>Tokens whose text is wanted.</summary>
public sealed class DetokenizeRequest
{
    /// <summary>Token ids.</summary>
    [Given("a list of token ids"), Items(0, 1_000_000)]
    public int[]? Tokens { get; set; }

    /// <summary>Name of a served model (GET /models). Default: the one that the server was started with.</summary>
    public string? Model { get; set; }
}

/// <summary>A text's tokens.</summary>
/// <param name="Count">How many.</param>
/// <param name="MaxModelLen">Most tokens that the model's context window holds.</param>
/// <param name="Tokens">Their ids.</param>
/// <param name="TokenStrs">Their spellings in the tokenizer's file, if asked for.</param>
internal sealed record TokenizeAnswer(int Count, int MaxModelLen, IReadOnlyList<int> Tokens, IReadOnlyList<string>? TokenStrs);

/// <summary>Tokens' text.</summary>
/// <param name="Prompt">The text; control tokens have none.</param>
internal sealed record DetokenizeAnswer(string Prompt);

/// <summary>What a client that makes prompts itself has to know of the tokenizer.</summary>
/// <param name="TokenizerClass">Always "FactoryTokenizer".</param>
/// <param name="Model">The model whose tokenizer it is.</param>
/// <param name="ModelMaxLength">Most tokens that the model's context window holds.</param>
/// <param name="VocabSize">Tokens; ids are below it.</param>
/// <param name="BosToken">Opens a text; null where there is none.</param>
/// <param name="EosToken">Ends a document.</param>
/// <param name="UnkToken">Stands for what no token covers.</param>
/// <param name="PadToken">Fills up short sequences.</param>
/// <param name="AddBosToken">Whether texts are opened with it unless asked otherwise.</param>
/// <param name="ChatTemplate">How chat messages become a prompt, in Hugging Face's Jinja dialect; null where the model has none.</param>
internal sealed record TokenizerInfo(
    string TokenizerClass, string Model, int ModelMaxLength, int VocabSize, string? BosToken, string? EosToken, string? UnkToken, string? PadToken, bool AddBosToken, string? ChatTemplate);
