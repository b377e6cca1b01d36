using System.CommandLine;
using System.Globalization;

namespace Factory.CommandLine;

/// <summary>Options whose values are checked while the command line is read, so that a mistake is named before anything is loaded.</summary>
public static class CheckedOption
{
    /// <param name="name">With its dashes: "--provider".</param>
    /// <param name="choices">The values it may take; the first is the default.</param>
    public static Option<string> OneOf(string name, string description, params string[] choices)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', choices), DefaultValueFactory = _ => choices[0] };
        option.CompletionSources.Add(choices);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !choices.Contains(token.Value))
            {
                result.AddError($"{name}: expected one of {string.Join(", ", choices)}, found '{token.Value}'.");
            }
        });
        return option;
    }

    /// <param name="name">With its dashes: "--threads".</param>
    /// <param name="standard">The default.</param>
    public static Option<int> Whole(string name, string description, int standard, int least, int most)
    {
        return new Option<int>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => standard,
            CustomParser = result =>
            {
                string found = result.Tokens is [.., var token] ? token.Value : "nothing";
                if (int.TryParse(found, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most)
                {
                    return value;
                }
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: expected a whole number from {least} to {most}, found {found}."));
                return standard;
            },
        };
    }
}
