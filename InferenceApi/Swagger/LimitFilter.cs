using System.Globalization;
using Factory.InferenceApi.Models;
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
        if (schema is not OpenApiSchema found || context.MemberInfo is not { } member)
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
        if (OfTheWindow.Contains(member.Name))
        {
            found.Maximum = models.Default.ContextLength.ToString(CultureInfo.InvariantCulture);
        }
    }
}
