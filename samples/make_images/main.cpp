// SPDX-License-Identifier: Apache-2.0
// Draws the test pictures of images/.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <opencv2/imgcodecs.hpp>

#include "pictures.hpp"

int main(int argc, char** argv) {
    std::filesystem::path folder = "images";
    CLI::App app("Draws the test pictures of images/ from formulas; every run gives the same pixels.");
    app.add_option("--out", folder, "Folder for the PNG files")->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    try {
        std::filesystem::create_directories(folder);
        for (const auto& [file, picture] : pictures::all()) {
            const std::string path = (folder / file).string();
            if (!cv::imwrite(path, picture, {cv::IMWRITE_PNG_COMPRESSION, 9})) {
                std::cerr << "make_images: cannot write " << path << "\n";
                return 1;
            }
            std::cout << path << "  " << picture.cols << " x " << picture.rows << "  "
                      << cv::typeToString(picture.type()) << "\n";
        }
    } catch (const std::exception& e) {
        std::cerr << "make_images: " << e.what() << "\n";
        return 1;
    }
    return 0;
}
