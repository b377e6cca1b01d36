using System.Collections;
using System.ComponentModel.DataAnnotations;

namespace Factory.InferenceApi.Validation;

/// <summary>How many items a list has, and how long its strings are. No item is null.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ItemsAttribute(int least, int most) : ValidationAttribute
{
    public int Least => least;

    public int Most => most;

    /// <summary>Shortest string in the list, in Unicode code points, as JSON Schema counts.</summary>
    public int MinLength { get; init; }

    /// <summary>Longest string in the list, in Unicode code points, as JSON Schema counts.</summary>
    public int MaxLength { get; init; } = int.MaxValue;

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        Mistake(value) is string sentence ? new ValidationResult(sentence) : ValidationResult.Success;

    private string? Mistake(object? value)
    {
        if (value is not ICollection items)
        {
            return null;
        }
        if (items.Count < least || items.Count > most)
        {
            return least == 0 ? $"expected at most {most} items, found {items.Count}." : $"expected from {least} to {most} items, found {items.Count}.";
        }
        int index = 0;
        foreach (object? item in items)
        {
            if (item is null || (item is string text && Length(text) is int length && (length < MinLength || length > MaxLength)))
            {
                string expected = MaxLength < int.MaxValue ? $"strings of {MinLength} to {MaxLength} characters" : "no null in the list";
                return $"expected {expected}, found {(item is string found ? $"one of {Length(found)} characters" : "null")} at [{index}].";
            }
            index++;
        }
        return null;
    }

    private static int Length(string text) => text.EnumerateRunes().Count();
}
