/* A Python whose interpreter is a library, as most others than Debian's are. */
int Py_BytesMain(int argc, char **argv);

int main(int argc, char **argv)
{
    return Py_BytesMain(argc, argv);
}
