using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Factory.InferenceApi.Validation;

/// <summary>A number's range, in the document and in the sentence that refuses what lies outside.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WithinAttribute : RangeAttribute
{
    private readonly string _noun;

    public WithinAttribute(int least, int most) : base(least, most) => _noun = "a whole number";

    public WithinAttribute(double least, double most) : base(least, most) => _noun = "a number";

    /// <summary>"a number from 0 to 10".</summary>
    public string Words => MinimumIsExclusive
        ? string.Create(CultureInfo.InvariantCulture, $"{_noun} above {Minimum} and at most {Maximum}")
        : string.Create(CultureInfo.InvariantCulture, $"{_noun} from {Minimum} to {Maximum}");

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        IsValid(value) ? ValidationResult.Success : new ValidationResult(string.Create(CultureInfo.InvariantCulture, $"expected {Words}, found {(value is double number && double.IsInfinity(number) ? "a number beyond every limit" : value)}."));
}
