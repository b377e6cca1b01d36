using System.ComponentModel.DataAnnotations;

namespace Factory.InferenceApi.Validation;

/// <summary>A field that every request must have. An empty string is a value.</summary>
/// <param name="words">What belongs there: "a string".</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class GivenAttribute(string words) : RequiredAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is not null ? ValidationResult.Success : new ValidationResult($"expected {words}, found no such field or null.");
}
