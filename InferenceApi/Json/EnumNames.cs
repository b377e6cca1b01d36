using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.InferenceApi.Models;
using Factory.Runtime;

namespace Factory.InferenceApi.Json;

/// <summary>"length", "stop", "context".</summary>
internal sealed class FinishReasonName() : JsonStringEnumConverter<FinishReason>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);

/// <summary>"loading", "ready", "failed".</summary>
internal sealed class ModelStateName() : JsonStringEnumConverter<ModelState>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
