namespace Factory.Trainer.Tokens;

/// <summary>A fixed 64-bit mixing function (Steele, Lea and Flood, "Fast splittable pseudorandom number generators"): the same on every machine and runtime.</summary>
internal static class SplitMix64
{
    /// <summary>Spreads <paramref name="value"/> over all 64 bits; a bijection.</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9E37_79B9_7F4A_7C15;
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
