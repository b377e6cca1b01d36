using System.Globalization;
using Factory.Core;

namespace Factory.Trainer.Commands;

/// <summary>A duration as people write it: 45s, 90m, 8h, 2d or 01:30:00.</summary>
internal static class DurationText
{
    /// <exception cref="SettingError">The text is none, or not longer than nothing.</exception>
    public static TimeSpan Parse(string text, string setting)
    {
        double? seconds = text.Length > 1 && double.TryParse(text.AsSpan(..^1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            ? text[^1] switch { 's' => number, 'm' => number * 60, 'h' => number * 3600, 'd' => number * 86400, _ => null }
            : null;
        TimeSpan? time = seconds is double given and < 1e9 ? TimeSpan.FromSeconds(given)
            : text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan clock) ? clock
            : null;
        return time > TimeSpan.Zero ? time.Value : throw new SettingError(setting, $"expected a time such as 45s, 90m, 8h, 2d or 01:30:00, found '{text}'.");
    }
}
