using System.ComponentModel.DataAnnotations;

namespace Factory.InferenceApi.Validation;

/// <summary>The words that a field may hold.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOfAttribute(params string[] words) : ValidationAttribute
{
    public IReadOnlyList<string> Words => words;

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) => value is not string text || words.Contains(text)
        ? ValidationResult.Success
        : new ValidationResult($"expected {(words.Length == 1 ? $"'{words[0]}'" : $"one of {string.Join(", ", words)}")}, found '{(text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…"))}'.");
}
