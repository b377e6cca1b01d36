using System.Text.Json;

namespace Factory.Core.Text;

/// <summary>The special tokens that tokenizer.json's post-processor puts around a text, by spelling.</summary>
internal sealed record SpecialTokenTemplate(IReadOnlyList<string> Before, IReadOnlyList<string> After)
{
    public static SpecialTokenTemplate Empty { get; } = new([], []);

    /// <exception cref="UserError">The post-processor is of a kind that Factory does not know.</exception>
    public static SpecialTokenTemplate Read(TokenizerObject tokenizer) =>
        tokenizer.Object("post_processor") is TokenizerObject processor ? ReadProcessor(processor) : Empty;

    private static SpecialTokenTemplate ReadProcessor(TokenizerObject processor)
    {
        switch (processor.Text("type"))
        {
            case "ByteLevel":
                return Empty;
            case "Sequence":
                return processor.Objects("processors").Select(ReadProcessor)
                    .Aggregate(Empty, (inner, outer) => new SpecialTokenTemplate([.. outer.Before, .. inner.Before], [.. inner.After, .. outer.After]));
            case "TemplateProcessing":
                return ReadTemplate(processor);
            case "BertProcessing" or "RobertaProcessing":
                return new SpecialTokenTemplate([First(processor, "cls")], [First(processor, "sep")]);
            case string other:
                throw processor.Bad("post_processor.type", "ByteLevel, Sequence, TemplateProcessing, BertProcessing or RobertaProcessing", other);
            default:
                throw processor.Bad("post_processor.type", "a kind", "none");
        }
    }

    private static SpecialTokenTemplate ReadTemplate(TokenizerObject processor)
    {
        var before = new List<string>();
        var after = new List<string>();
        bool seen = false;
        foreach (TokenizerObject part in processor.Objects("single"))
        {
            if (part.Object("SpecialToken")?.Text("id") is string token)
            {
                (seen ? after : before).Add(token);
            }
            else if (part.Object("Sequence") is not null && !seen)
            {
                seen = true;
            }
            else
            {
                throw processor.Bad("post_processor.single", "special tokens around one sequence", "another template");
            }
        }
        return new SpecialTokenTemplate(before, after);
    }

    private static string First(TokenizerObject processor, string key) =>
        processor.Elements(key).FirstOrDefault() is { ValueKind: JsonValueKind.String } token ? token.GetString()! : throw processor.Bad(key, "a token and its id", "something else");
}
