using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Factory.Core;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Factory.InferenceApi.Problems;

/// <summary>
/// Says what a body has that its type has not: the serializer gives the place, the sentence comes from the type (what was expected) and the body
/// (what was found). The first such mistake only; ranges and lengths are checked afterwards, all at once.
/// </summary>
internal static class JsonMistake
{
    public static async Task<ProblemDetails> DescribeAsync(HttpContext context, JsonException mistake)
    {
        Type type = context.Features.GetRequiredFeature<IExceptionHandlerFeature>().Endpoint!.Metadata.GetRequiredMetadata<IAcceptsMetadata>().RequestType!;
        JsonSerializerOptions options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        context.Request.Body.Position = 0;
        try
        {
            using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = options.MaxDepth }, context.RequestAborted);
            return Describe(body.RootElement, options.GetTypeInfo(type), mistake.Path ?? "$");
        }
        catch (JsonException syntax)
        {
            return Problem.Create(StatusCodes.Status400BadRequest, $"Expected JSON nested at most {options.MaxDepth} deep, found something else at line {syntax.LineNumber + 1}, byte {syntax.BytePositionInLine + 1}.");
        }
    }

    private static ProblemDetails Describe(JsonElement found, JsonTypeInfo type, string path)
    {
        var at = "";
        JsonPropertyInfo? property = null;
        foreach (string step in JsonPath.Steps(path))
        {
            if (int.TryParse(step, out int index) && found.ValueKind == JsonValueKind.Array)
            {
                at += $"[{index}]";
                found = found[index];
                type = type.Options.GetTypeInfo(type.ElementType ?? typeof(JsonElement));
                property = null;
                continue;
            }
            at = at.Length == 0 ? step : $"{at}.{step}";
            if (type.Properties.FirstOrDefault(known => known.Name == step) is not JsonPropertyInfo known)
            {
                return Field(at, Unknown(step, type));
            }
            if (found.EnumerateObject().Count(field => field.NameEquals(step)) > 1)
            {
                return Field(at, "expected once, found twice.");
            }
            (property, found, type) = (known, found.GetProperty(step), type.Options.GetTypeInfo(Nullable.GetUnderlyingType(known.PropertyType) ?? known.PropertyType));
        }
        return at.Length > 0 ? Field(at, $"expected {JsonWords.Expected(type, property)}, found {JsonWords.Found(found)}.")
            : found.ValueKind == JsonValueKind.Object ? Problem.Create(StatusCodes.Status400BadRequest, "Expected field names in well-formed Unicode, found half a surrogate pair or a byte outside UTF-8.")
            : Problem.Create(StatusCodes.Status400BadRequest, $"Expected a JSON object, found {JsonWords.Found(found)}.");
    }

    private static FieldProblem Field(string name, string sentence) => new(new Dictionary<string, string[]> { [JsonWords.Shorten(name)] = [sentence] });

    private static string Unknown(string name, JsonTypeInfo type)
    {
        string[] known = [.. type.Properties.Select(property => property.Name)];
        return NearestName.Find(name, known) is string nearest
            ? $"unknown field; did you mean '{nearest}'?"
            : $"unknown field; expected one of {string.Join(", ", known)}.";
    }
}
