using System.ComponentModel.DataAnnotations;

namespace Factory.InferenceApi.Validation;

/// <summary>A field that every request must have. An empty string is a value.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class GivenAttribute : RequiredAttribute
{
    private readonly string _words;

    /// <param name="words">What belongs there: "a string".</param>
    public GivenAttribute(string words)
    {
        _words = words;
        // Or the document would say that a string has a character at least.
        AllowEmptyStrings = true;
    }

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is not null ? ValidationResult.Success : new ValidationResult($"expected {_words}, found no such field or null.");
}
