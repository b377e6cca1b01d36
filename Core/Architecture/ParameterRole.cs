namespace Factory.Core.Architecture;

/// <summary>What a parameter is for; initialisation, weight decay and folding go by it.</summary>
public enum ParameterRole
{
    Embedding,
    Norm,
    Query,
    Key,
    Value,
    AttentionOutput,
    Gate,
    Up,
    Down,
    Head,
}
