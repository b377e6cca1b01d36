namespace Factory.Evals.Python;

/// <summary>
/// Python's <c>random.Random(seed)</c>: MT19937 (Matsumoto and Nishimura, 1998) seeded by <c>init_by_array</c>, and the same way from its
/// 32-bit words to floats, whole numbers, samples and shuffles. Few-shot examples and bootstrap draws are those of the
/// evaluation harness only if this generator repeats Python's numbers exactly.
/// </summary>
public sealed class PythonRandom
{
    private const int Size = 624;
    private const int Shift = 397;

    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    public PythonRandom(ulong seed)
    {
        uint high = (uint)(seed >> 32);
        InitializeByArray(high == 0 ? [(uint)seed] : [(uint)seed, high]);
    }

    /// <summary>A float in [0, 1) with 53 random bits: <c>random()</c>.</summary>
    public double NextDouble()
    {
        uint high = NextWord() >> 5;
        uint low = NextWord() >> 6;
        return ((high * 67108864.0) + low) * (1.0 / 9007199254740992.0);
    }

    /// <summary>A whole number of <paramref name="bits"/> bits, 1 to 32: <c>getrandbits(bits)</c>.</summary>
    public uint NextBits(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 32);
        return NextWord() >> (32 - bits);
    }

    /// <summary>A whole number in [0, <paramref name="bound"/>): <c>randrange(bound)</c>. Draws again while the bits exceed the bound.</summary>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        int bits = 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)bound);
        uint drawn = NextBits(bits);
        while (drawn >= (uint)bound)
        {
            drawn = NextBits(bits);
        }
        return (int)drawn;
    }

    /// <summary><paramref name="count"/> different elements in drawing order: <c>sample(population, count)</c>.</summary>
    public IReadOnlyList<T> Sample<T>(IReadOnlyList<T> population, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, population.Count);
        // Python takes whichever needs less memory: a copy of the population or a set of the indices drawn.
        double setSize = 21;
        if (count > 5)
        {
            setSize += Math.Pow(4, Math.Ceiling(Math.Log(count * 3) / Math.Log(4)));
        }
        return population.Count <= setSize ? SampleFromPool([.. population], count) : SampleByIndex(population, count);
    }

    /// <summary>Fisher and Yates from the end: <c>shuffle(items)</c>.</summary>
    public void Shuffle<T>(IList<T> items)
    {
        for (int i = items.Count - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>An index below <paramref name="count"/> as <c>choices(population, k)</c> draws each of its k, with replacement.</summary>
    public int Choice(int count) => (int)(NextDouble() * count);

    private T[] SampleFromPool<T>(T[] pool, int count)
    {
        var result = new T[count];
        for (int i = 0; i < count; i++)
        {
            int j = Below(pool.Length - i);
            result[i] = pool[j];
            pool[j] = pool[pool.Length - i - 1];
        }
        return result;
    }

    private T[] SampleByIndex<T>(IReadOnlyList<T> population, int count)
    {
        var result = new T[count];
        var drawn = new HashSet<int>();
        for (int i = 0; i < count; i++)
        {
            int j = Below(population.Count);
            while (!drawn.Add(j))
            {
                j = Below(population.Count);
            }
            result[i] = population[j];
        }
        return result;
    }

    private uint NextWord()
    {
        if (_next == Size)
        {
            Refill();
        }
        uint word = _state[_next++];
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c5680;
        word ^= (word << 15) & 0xefc60000;
        return word ^ (word >> 18);
    }

    private void Refill()
    {
        for (int i = 0; i < Size; i++)
        {
            uint pair = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7fffffff);
            _state[i] = _state[(i + Shift) % Size] ^ (pair >> 1) ^ ((pair & 1) * 0x9908b0df);
        }
        _next = 0;
    }

    private void InitializeByArray(ReadOnlySpan<uint> key)
    {
        _state[0] = 19650218;
        for (uint n = 1; n < Size; n++)
        {
            _state[n] = (1812433253 * (_state[n - 1] ^ (_state[n - 1] >> 30))) + n;
        }
        int i = 1;
        for (int k = 0; k < Size; k++)
        {
            int j = k % key.Length;
            _state[i] = (_state[i] ^ ((_state[i - 1] ^ (_state[i - 1] >> 30)) * 1664525)) + key[j] + (uint)j;
            i = Advance(i);
        }
        for (int k = 0; k < Size - 1; k++)
        {
            _state[i] = (_state[i] ^ ((_state[i - 1] ^ (_state[i - 1] >> 30)) * 1566083941)) - (uint)i;
            i = Advance(i);
        }
        _state[0] = 0x80000000;
    }

    private int Advance(int i)
    {
        if (i + 1 < Size)
        {
            return i + 1;
        }
        _state[0] = _state[Size - 1];
        return 1;
    }
}
