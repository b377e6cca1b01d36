using System.Globalization;
using Factory.Evals.Scoring;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.OpenAi;
using Factory.InferenceApi.Validation;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Factory.InferenceApi.Swagger;

/// <summary>Says of each field what the server checks: list sizes, string lengths, unsigned ranges, and what the served model allows.</summary>
internal sealed class LimitFilter(ModelRegistry models) : ISchemaFilter
{
    /// <summary>Fields that may not go beyond the context window.</summary>
    private static readonly string[] OfTheWindow = ["MaxNewTokens", "MaxTokens", "MaxCompletionTokens", "MinTokens"];

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema found)
        {
            return;
        }
        if (context.MemberInfo is null && OfManyKinds(context.Type) is { } kinds)
        {
            (found.Type, found.AnyOf, found.Properties, found.AdditionalPropertiesAllowed) = (null, kinds, null, true);
        }
        if (context.MemberInfo is not { } member)
        {
            return;
        }
        Type type = Nullable.GetUnderlyingType(context.Type) ?? context.Type;
        if (type == typeof(ulong))
        {
            (found.Minimum, found.Maximum, found.Format) = ("0", ulong.MaxValue.ToString(CultureInfo.InvariantCulture), "uint64");
        }
        if (member.GetCustomAttributes(typeof(ItemsAttribute), inherit: false) is [ItemsAttribute items])
        {
            (found.MinItems, found.MaxItems) = (items.Least == 0 ? null : items.Least, items.Most);
            if (found.Items is OpenApiSchema item && item.Type == JsonSchemaType.String)
            {
                (item.MinLength, item.MaxLength) = (items.MinLength, items.MaxLength == int.MaxValue ? null : items.MaxLength);
            }
        }
        if (member.GetCustomAttributes(typeof(OneOfAttribute), inherit: false) is [OneOfAttribute words])
        {
            found.Enum = [.. words.Words.Select(word => (System.Text.Json.Nodes.JsonNode)word)];
        }
        if (member.DeclaringType == typeof(MetricScore) && context.Type == typeof(double))
        {
            // JSON has no number for an infinite perplexity.
            found.Type |= JsonSchemaType.Null;
        }
        if (member.Name is "StopTokenIds" or "Tokens" && context.Type == typeof(int[]))
        {
            found.Items = Ids();
        }
        if (member.GetCustomAttributes(typeof(BiasesAttribute), inherit: false).Length > 0)
        {
            found.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double", Minimum = $"-{BiasesAttribute.Most}", Maximum = $"{BiasesAttribute.Most}" };
            found.MaxProperties = BiasesAttribute.MostTokens;
        }
        if (member.Name == nameof(CompletionRequest.Suffix))
        {
            found.MaxLength = 0;
        }
        if (member.Name == nameof(ChatRequest.Store))
        {
            found.Enum = [false];
        }
        if (OfTheWindow.Contains(member.Name))
        {
            found.Maximum = models.Default.ContextLength.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Types whose converters read more than one kind of JSON.</summary>
    private List<IOpenApiSchema>? OfManyKinds(Type type) =>
        type == typeof(TextList) ? [Text(1, TextList.Longest), ListOf(Text(1, TextList.Longest), 0, TextList.Most)]
        : type == typeof(ChatContent) ? [Text(null, null), ListOf(Part(), 0, null)]
        : type == typeof(CompletionPrompt) ? [Text(null, null), ListOf(Text(null, null), 1, CompletionPrompt.Most), ListOf(Ids(), 1, null), ListOf(ListOf(Ids(), 1, null), 1, CompletionPrompt.Most)]
        : null;

    private static OpenApiSchema Text(int? least, int? most) => new() { Type = JsonSchemaType.String, MinLength = least, MaxLength = most };

    private static OpenApiSchema Part() => new()
    {
        Type = JsonSchemaType.Object,
        Properties = new Dictionary<string, IOpenApiSchema> { ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["text"] }, ["text"] = Text(null, null) },
        Required = new HashSet<string> { "type", "text" },
        AdditionalPropertiesAllowed = false,
    };

    private OpenApiSchema Ids() => new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "0", Maximum = (models.Default.VocabularySize - 1).ToString(CultureInfo.InvariantCulture) };

    private static OpenApiSchema ListOf(OpenApiSchema item, int least, int? most) => new() { Type = JsonSchemaType.Array, Items = item, MinItems = least, MaxItems = most };
}
