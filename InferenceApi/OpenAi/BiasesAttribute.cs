using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Factory.InferenceApi.OpenAi;

/// <summary>Numbers from -100 to 100, by token.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BiasesAttribute : ValidationAttribute
{
    public const int Most = 100;

    /// <summary>Tokens at most.</summary>
    public const int MostTokens = 1024;

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is not Dictionary<string, double> biases)
        {
            return ValidationResult.Success;
        }
        return biases.Count > MostTokens ? new ValidationResult($"expected at most {MostTokens} tokens, found {biases.Count}.")
            : biases.Values.FirstOrDefault(bias => !(Math.Abs(bias) <= Most)) is double wrong and not 0
                ? new ValidationResult(string.Create(CultureInfo.InvariantCulture, $"expected numbers from {-Most} to {Most}, found {(double.IsInfinity(wrong) ? "one beyond every limit" : wrong)}."))
            : ValidationResult.Success;
    }
}
