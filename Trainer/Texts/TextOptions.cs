namespace Factory.Trainer.Texts;

/// <summary>How documents are found in files.</summary>
internal sealed record TextOptions
{
    /// <summary>Field of a JSON object, or column of a table, that holds the text. Default: "text".</summary>
    public string Field { get; init; } = "text";

    /// <summary>What stands between the documents of a .txt file; line ends around it belong to neither. Default: null, the file is one document.</summary>
    public string? Separator { get; init; }
}
