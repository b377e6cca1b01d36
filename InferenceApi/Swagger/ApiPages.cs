using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Factory.Evals;
using Factory.InferenceApi.Json;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Factory.InferenceApi.Swagger;

/// <summary>The description at /swagger/v1/swagger.json and the pages to try it at /swagger. Everything they load comes with the server.</summary>
internal static class ApiPages
{
    private const string Title = "Factory inference";

    /// <summary>Names fields as they are on the wire.</summary>
    private static readonly JsonSerializerOptions OnTheWire = new(ApiJson.Default.Options)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(ApiJson.Default, EvaluationJson.Default, new DefaultJsonTypeInfoResolver()),
    };

    public static IServiceCollection AddApiPages(this IServiceCollection services) => services
        .AddEndpointsApiExplorer()
        .AddSwaggerGen(pages =>
        {
            pages.SwaggerDoc("v1", new OpenApiInfo
            {
                Title = Title,
                Version = "v1",
                Description = "Text from a LayerNorm-Scaled LLaMA, and its scores. Every error is application/problem+json (RFC 9457).",
            });
            pages.SupportNonNullableReferenceTypes();
            // A field that is an object or null says both.
            pages.UseAllOfToExtendReferenceSchemas();
            pages.OperationFilter<StatusFilter>();
            pages.OperationFilter<ExampleFilter>();
            pages.SchemaFilter<LimitFilter>();
            foreach (string docstrings in Directory.EnumerateFiles(AppContext.BaseDirectory, "Factory.*.xml"))
            {
                pages.IncludeXmlComments(docstrings);
            }
        })
        .AddSingleton<ISerializerDataContractResolver>(provider => new JsonSerializerDataContractResolver(OnTheWire, provider.GetRequiredService<SchemaGeneratorOptions>()));

    public static void UseApiPages(this WebApplication app)
    {
        app.UseSwagger();
        app.UseSwaggerUI(pages =>
        {
            pages.SwaggerEndpoint("v1/swagger.json", Title);
            pages.DocumentTitle = Title;
            pages.EnableDeepLinking();
            pages.DefaultModelsExpandDepth(0);
            pages.DisplayRequestDuration();
            pages.EnableTryItOutByDefault();
        });
        app.MapGet("/", () => TypedResults.Redirect("/swagger")).ExcludeFromDescription();
    }
}
