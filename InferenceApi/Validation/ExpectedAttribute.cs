namespace Factory.InferenceApi.Validation;

/// <summary>Says in words what JSON a property or type takes whose converter takes more than one kind: "a string or a list of strings".</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct)]
internal sealed class ExpectedAttribute(string words) : Attribute
{
    public string Words => words;
}
