using System.Text.Json.Serialization;
using Factory.InferenceApi.Evaluation;
using Factory.InferenceApi.Generation;
using Factory.InferenceApi.Health;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.OpenAi;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Scoring;
using Factory.InferenceApi.Tokens;

namespace Factory.InferenceApi.Json;

/// <summary>How the server's own requests and answers are written: snake_case, no reflection, strict where it reads.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    MaxDepth = 64,
    Converters = [typeof(FinishReasonName), typeof(ModelStateName), typeof(WholeNumbers<int>), typeof(WholeNumbers<ulong>)])]
[JsonSerializable(typeof(GenerateRequest))]
[JsonSerializable(typeof(GenerateAnswer))]
[JsonSerializable(typeof(GeneratedText))]
[JsonSerializable(typeof(GenerationEnd))]
[JsonSerializable(typeof(EvalRequest))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(LoadModelRequest))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ChatRequest))]
[JsonSerializable(typeof(ChatAnswer))]
[JsonSerializable(typeof(ChatChunk))]
[JsonSerializable(typeof(CompletionRequest))]
[JsonSerializable(typeof(CompletionAnswer))]
[JsonSerializable(typeof(OpenAiModelList))]
[JsonSerializable(typeof(OpenAiModel))]
[JsonSerializable(typeof(TokenizeRequest))]
[JsonSerializable(typeof(TokenizeAnswer))]
[JsonSerializable(typeof(DetokenizeRequest))]
[JsonSerializable(typeof(DetokenizeAnswer))]
[JsonSerializable(typeof(TokenizerInfo))]
[JsonSerializable(typeof(ScoreRequest))]
[JsonSerializable(typeof(ScoreAnswer))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>The same for what the framework reads and writes; problems by the framework's own contexts.</summary>
    public static void Configure(Microsoft.AspNetCore.Http.Json.JsonOptions json)
    {
        System.Text.Json.JsonSerializerOptions own = Default.Options;
        (json.SerializerOptions.PropertyNamingPolicy, json.SerializerOptions.PropertyNameCaseInsensitive) = (own.PropertyNamingPolicy, false);
        (json.SerializerOptions.UnmappedMemberHandling, json.SerializerOptions.AllowDuplicateProperties) = (own.UnmappedMemberHandling, own.AllowDuplicateProperties);
        (json.SerializerOptions.RespectNullableAnnotations, json.SerializerOptions.NumberHandling) = (own.RespectNullableAnnotations, own.NumberHandling);
        json.SerializerOptions.MaxDepth = own.MaxDepth;
        json.SerializerOptions.TypeInfoResolverChain.Insert(0, Default);
        json.SerializerOptions.TypeInfoResolverChain.Insert(1, ProblemJson.Default);
        // Jobs hold reports of the evaluation library.
        json.SerializerOptions.TypeInfoResolverChain.Insert(2, Evals.EvaluationJson.Default);
        foreach (JsonConverter converter in own.Converters)
        {
            json.SerializerOptions.Converters.Add(converter);
        }
    }
}
