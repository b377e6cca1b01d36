using System.Text.Json.Serialization;
using Factory.InferenceApi.Evaluation;
using Factory.InferenceApi.Generation;
using Factory.InferenceApi.Health;
using Factory.InferenceApi.Models;
using Microsoft.AspNetCore.Mvc;

namespace Factory.InferenceApi.Json;

/// <summary>How the server's own requests and answers are written: snake_case, no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    Converters = [typeof(FinishReasonName), typeof(ModelStateName)])]
[JsonSerializable(typeof(GenerateRequest))]
[JsonSerializable(typeof(GenerateAnswer))]
[JsonSerializable(typeof(GeneratedText))]
[JsonSerializable(typeof(GenerationEnd))]
[JsonSerializable(typeof(EvalRequest))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(HttpValidationProblemDetails))]
internal sealed partial class ApiJson : JsonSerializerContext;
