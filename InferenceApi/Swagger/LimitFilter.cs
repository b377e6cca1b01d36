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
    private static readonly string[] OfTheWindow = ["MaxNewTokens", "MaxTokens", "MaxCompletionTokens"];

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema found)
        {
            return;
        }
        if (OfManyKinds(context.Type) is { } kinds)
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
        if (member.DeclaringType == typeof(MetricScore) && context.Type == typeof(double))
        {
            // JSON has no number for an infinite perplexity.
            found.Type |= JsonSchemaType.Null;
        }
        if (OfTheWindow.Contains(member.Name))
        {
            found.Maximum = models.Default.ContextLength.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Types whose converters read more than one kind of JSON.</summary>
    private static List<IOpenApiSchema>? OfManyKinds(Type type) =>
        type == typeof(TextList) ? [Text(1, TextList.Longest), ListOf(Text(1, TextList.Longest), 0, TextList.Most)]
        : type == typeof(CompletionPrompt) ? [Text(null, null), ListOf(Text(null, null), 1, CompletionPrompt.Most), ListOf(Ids(), 1, null), ListOf(ListOf(Ids(), 1, null), 1, CompletionPrompt.Most)]
        : null;

    private static OpenApiSchema Text(int? least, int? most) => new() { Type = JsonSchemaType.String, MinLength = least, MaxLength = most };

    private static OpenApiSchema Ids() => new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "0" };

    private static OpenApiSchema ListOf(OpenApiSchema item, int least, int? most) => new() { Type = JsonSchemaType.Array, Items = item, MinItems = least, MaxItems = most };
}
